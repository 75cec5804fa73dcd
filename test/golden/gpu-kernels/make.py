"""Lists the GPU kernels of TensorFlow's CUDA wheel that our graphs could use: python make.py WHEEL [KERNEL_LIST]

WHEEL is the wheel `tensorflow` that resources/engine-cuda.json names:
  pip download --no-deps --only-binary=:all: --python-version 3.13 --platform manylinux_2_27_x86_64 tensorflow==2.21.0
Its two libraries are unpacked (1.7 GB), and list_kernels.cc lists every kernel that they register. Neither a GPU nor
CUDA's libraries are needed. KERNEL_LIST, a file that list_kernels has written before, replaces this step.

The script writes kernels.json beside this file: op -> kernels. Each kernel has the types that every attribute may have
(an attribute that is not named may have any), and `host`, the inputs and outputs that it needs in the processor's
memory. Only types that our graphs have are kept (DTYPE in src/main/engine/backend/dtype.ts). It needs g++ and only
Python's standard library.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = {1: 'float32', 3: 'int32', 4: 'uint8', 7: 'string', 9: 'int64', 10: 'bool', 14: 'bfloat16', 20: 'resource'}
LIBRARIES = ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2']


def list_of(wheel):
    """Returns the bytes of the wheel's tensorflow.KernelList."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as packed:
        for name in LIBRARIES:
            with packed.open(f'tensorflow/{name}') as source, open(os.path.join(folder, name), 'wb') as target:
                while block := source.read(1 << 24):
                    target.write(block)
        program, out = os.path.join(folder, 'list_kernels'), os.path.join(folder, 'kernels.pb')
        subprocess.run(['g++', os.path.join(HERE, 'list_kernels.cc'), '-o', program, '-ldl'], check=True)
        subprocess.run([program, folder, out], check=True, env={**os.environ, 'LD_LIBRARY_PATH': folder})
        with open(out, 'rb') as file:
            return file.read()


def varint(data, at):
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result, at
        shift += 7


def fields(data):
    """Yields (number, value) of a protobuf message's fields."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        else:
            length, at = varint(data, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            value, at = data[at:at + length], at + length
        yield number, value


def types_of(value):
    """Yields the types in an AttrValue's list, whether packed or one at a time."""
    for number, inner in fields(value):
        if number != 1:
            continue
        for kind, types in fields(inner):
            if kind != 6:
                continue
            if isinstance(types, int):
                yield types
                continue
            at = 0
            while at < len(types):
                found, at = varint(types, at)
                yield found


def kernel_of(data):
    """Returns (op, device, {attribute: types}, host memory, label) of a tensorflow.KernelDef."""
    op = device = label = ''
    attrs, host = {}, []
    for number, value in fields(data):
        if number == 1:
            op = value.decode()
        elif number == 2:
            device = value.decode()
        elif number == 3:
            constraint = dict(fields(value))
            types = list(types_of(constraint.get(2, b'')))
            if types:
                attrs[constraint[1].decode()] = types
        elif number == 4:
            host.append(value.decode())
        elif number == 5:
            label = value.decode()
    return op, device, attrs, sorted(host), label


def merged(kernels):
    """Joins kernels that differ in the types of one attribute only."""
    kernels = [*kernels]
    at = 0
    while at < len(kernels):
        one = kernels[at]
        for other in kernels[at + 1:]:
            if one[1] != other[1] or one[0].keys() != other[0].keys():
                continue
            differing = [name for name in one[0] if one[0][name] != other[0][name]]
            if len(differing) > 1:
                continue
            for name in differing:
                one[0][name] = sorted({*one[0][name], *other[0][name]})
            kernels.remove(other)
            at = -1
            break
        at += 1
    return kernels


def gpu_kernels(data):
    found = collections.defaultdict(list)
    for _, kernel in fields(data):
        op, device, attrs, host, label = kernel_of(kernel)
        # TensorFlow uses a labelled kernel only for a node that names its label; our nodes never do.
        if device not in ('GPU', 'DEFAULT') or label:
            continue
        ours = {name: [TYPES[each] for each in types if each in TYPES] for name, types in sorted(attrs.items())}
        if all(ours.values()):
            found[op].append((ours, host))
    result = {}
    for op, kernels in sorted(found.items()):
        rows = [{**attrs, **({'host': host} if host else {})} for attrs, host in merged(kernels)]
        result[op] = sorted(rows, key=json.dumps)
    return result


if __name__ == '__main__':
    if len(sys.argv) > 2:
        with open(sys.argv[2], 'rb') as file:
            data = file.read()
    else:
        data = list_of(sys.argv[1])
    kernels = gpu_kernels(data)
    with open(os.path.join(HERE, 'kernels.json'), 'w') as file:
        lines = [f'{json.dumps(op)}: {json.dumps(rows)}' for op, rows in kernels.items()]
        file.write('{\n' + ',\n'.join(lines) + '\n}\n')
    print(len(kernels), 'ops with a GPU kernel for the types of our graphs')
