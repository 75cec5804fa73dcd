import type { Pass } from '../graph';

/** `Add` is the old op that eager tfjs uses; grappler and oneDNN look for `AddV2`. */
export const addV2: Pass = (nodes) => nodes.map((node) => (node.op === 'Add' ? { ...node, op: 'AddV2' } : node));
