"""Measures where the time of a captured step goes: python profile.py FOLDER THREADS KERNELS

FOLDER is written by capture.ts, and KERNELS is the engine's library of our own ops. Python's TensorFlow
(tensorflow-cpu==2.21.0, the same library) runs the graph with its tracer on. The result is JSON. It has the median of
untraced steps in milliseconds, and [op, milliseconds a step, calls a step] of the costliest ops. As `shapes` it has the
same of the costliest [op and shape of its first output].
"""
import collections
import glob
import json
import os
import sys
import time

folder, threads, kernels = sys.argv[1:]
os.environ.update(TF_ENABLE_ONEDNN_OPTS='1', TF_CPP_MIN_LOG_LEVEL='3', TF_NUM_INTRAOP_THREADS=threads)

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

v1 = tf.compat.v1
tf.load_op_library(kernels)
STEPS = 5


def main():
    with open(os.path.join(folder, 'feed.json')) as file:
        feed = json.load(file)
    with open(os.path.join(folder, 'feed.bin'), 'rb') as file:
        def take(described):
            return {name: np.frombuffer(file.read(length), dtype=kind) for name, (kind, length) in described.items()}

        state, inputs = take(feed['state']), take(feed['inputs'])
    (model,) = glob.glob(os.path.join(folder, '**', 'saved_model.pb'), recursive=True)
    graph = tf.Graph()
    with graph.as_default(), v1.Session(graph=graph) as session:
        signatures = v1.saved_model.loader.load(session, ['serve'], os.path.dirname(model)).signature_def

        def shaped(values, ends):
            return {ends[name].name: value.reshape([side.size for side in ends[name].tensor_shape.dim]) for name, value in values.items()}

        write, step = signatures['write'], signatures[feed['signature']]
        session.run([write.outputs[name].name for name in state], shaped(state, write.inputs))
        fetched, given = [end.name for end in step.outputs.values()], shaped(inputs, step.inputs)
        times = []
        for _ in range(2 + STEPS):
            begin = time.perf_counter()
            session.run(fetched, given)
            times.append(1000 * (time.perf_counter() - begin))
        kinds = {node.name: node.op for node in graph.as_graph_def().node}
        ops, calls = collections.Counter(), collections.Counter()
        for _ in range(STEPS):
            traced = v1.RunMetadata()
            session.run(fetched, given, options=v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE), run_metadata=traced)
            for device in traced.step_stats.dev_stats:
                for stats in device.node_stats:
                    label = stats.timeline_label
                    # Ops that grappler has fused or added are not in the graph; their trace label names the op.
                    op = label.split(' = ')[1].split('(')[0] if ' = ' in label else kinds.get(stats.node_name, stats.node_name)
                    milliseconds = stats.op_end_rel_micros / 1000 / STEPS
                    shape = [side.size for side in stats.output[0].tensor_description.shape.dim] if stats.output else ''
                    for name in (op, f'{op} {shape}'):
                        ops[name] += milliseconds
                        calls[name] += 1 / STEPS

    def costliest(shaped):
        return [[name, milliseconds, calls[name]] for name, milliseconds in ops.most_common() if (' ' in name) == shaped][:40]

    print(json.dumps({'ms': sorted(times[2:])[STEPS // 2], 'ops': costliest(False), 'shapes': costliest(True)}))


main()
