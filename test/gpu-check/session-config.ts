/**
 * Serialized tensorflow.ConfigProto, which the engine's sessions take from the file that TENSORFLOW_SESSION_CONFIG
 * names (src/main/engine/backend/native/session_options.h): number and type of a field, then its value.
 */

/** log_device_placement: TensorFlow prints on which device it places each node. */
export const LOG_PLACEMENT = Uint8Array.of(0x40, 1);

/** graph_options.optimizer_options.global_jit_level = ON_2: XLA compiles what it can. */
export const COMPILED_BY_XLA = Uint8Array.of(0x52, 4, 0x1a, 2, 0x28, 2);
