import type { Pass } from '../graph';

/** Replaces `Add`, the old op that eager tfjs uses, by `AddV2`, which grappler and oneDNN search for. */
export const addV2: Pass = (nodes) => nodes.map((node) => (node.op === 'Add' ? { ...node, op: 'AddV2' } : node));
