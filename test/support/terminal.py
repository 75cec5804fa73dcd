"""Runs a program on a terminal of its own (a pty) and types into it, with one JSON request on stdin and one JSON answer
on stdout.

The request is {argv, columns, timeout, steps: [{after, send, delay?, gate?}]}. Once `after` has been printed since the
step before, `send` is typed. With a gate (a path), a file is made there, and `send` is typed once the file is removed.
The answer is {code, output}. The code is that of a shell (128 + signal), or null where the program ran past the timeout
and was killed.
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

request = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 40, request['columns'], 0, 0))
    os.execvp(request['argv'][0], request['argv'])
output, seen, steps = b'', 0, request['steps']
deadline = time.monotonic() + request['timeout']
ended = False
while not ended and time.monotonic() < deadline:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux reports this error when the last process has left the terminal.
            part = b''
        output += part
        ended = not part
    at = output.find(steps[0]['after'].encode(), seen) if steps else -1
    if at >= 0:
        seen = at + len(steps[0]['after'].encode())
        gate = steps[0].get('gate')
        if gate:
            open(gate, 'x').close()
            while os.path.exists(gate) and time.monotonic() < deadline:
                time.sleep(0.02)
        time.sleep(steps[0].get('delay', 0.2))
        os.write(terminal, steps.pop(0)['send'].encode())
if not ended:
    os.kill(pid, signal.SIGKILL)
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({'code': None if not ended else status if status >= 0 else 128 - status, 'output': output.decode(errors='replace')}))
