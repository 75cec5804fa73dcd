/** Lists the fields of a run's configuration for a form, from the schema itself so that none can be forgotten. */
import { z } from 'zod';
import { flatten, knownFields, parseConfig } from '../run-config-resolve';
import { runConfigSchema } from '../run-config';
import { isOverridable } from './draft-config';

export type RecipeFieldKind = 'number' | 'integer' | 'boolean' | 'choice' | 'numbers' | 'text' | 'warmup';

export interface RecipeField {
  /** Dotted path. */
  path: string;
  /** First part of the path; fields of the run itself have none. */
  section: string;
  name: string;
  kind: RecipeFieldKind;
  /** Whether it may be null, which means none or automatic. */
  nullable: boolean;
  choices: string[];
  /** Length of `numbers`. */
  length: number;
  min: number | null;
  max: number | null;
  /** The schema's own default. */
  standard: unknown;
}

interface Node {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Node[];
  oneOf?: Node[];
  properties?: Record<string, Node>;
  prefixItems?: Node[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** Returns a section's fields. A section that may be missing is one of two: itself or null. */
const partsOf = ({ properties, anyOf }: Node): Node['properties'] =>
  properties ?? anyOf?.find((option) => option.properties)?.properties;

const nodeAt = (root: Node, path: string): Node =>
  path.split('.').reduce((node, key) => partsOf(node)?.[key] ?? {}, root);

/** Returns a limit; the largest safe integers mean "no limit" in the schema. */
const limit = (value: number | undefined): number | null =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;

function kindOf(node: Node): RecipeFieldKind {
  if (node.enum) return 'choice';
  if (node.prefixItems) return 'numbers';
  if (node.anyOf ?? node.oneOf) return 'warmup';
  if (node.type === 'integer' || node.type === 'number' || node.type === 'boolean') return node.type;
  return 'text';
}

function fieldOf(root: Node, path: string, standard: unknown): RecipeField {
  const node = nodeAt(root, path);
  const options = node.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  const nullable =
    node.type?.includes('null') === true || (node.anyOf !== undefined && options.length < node.anyOf.length);
  const own = nullable && options.length === 1 ? (options[0] as Node) : node;
  const dot = path.indexOf('.');
  return {
    path,
    section: dot < 0 ? '' : path.slice(0, dot),
    name: path.slice(dot + 1),
    kind: kindOf(own),
    nullable,
    choices: (own.enum ?? []).map(String),
    length: own.prefixItems?.length ?? 0,
    min: limit(own.minimum ?? own.exclusiveMinimum),
    max: limit(own.maximum ?? own.exclusiveMaximum),
    standard,
  };
}

let fields: RecipeField[] | undefined;

/** Fields that are not a single value: a filter has a kind and a radius, and is set for studies. */
const NO_FIELDS = new Set(['data.filter']);

/** Returns every field that a draft can override, in the schema's order. */
export function recipeFields(): RecipeField[] {
  if (fields) return fields;
  const root = z.toJSONSchema(runConfigSchema, { io: 'input' }) as Node;
  const stages = [{ bandwidth: 1, magnitude: 0, share: 1 }];
  const standards = flatten(
    parseConfig({
      dataset: '',
      model: '',
      size: 1,
      mae: {},
      distillation: { teacher: 'run' },
      schedule: { stages, adaptive: {} },
    }),
  );
  fields = knownFields()
    .filter((path) => isOverridable(path) && !NO_FIELDS.has(path))
    .map((path) => fieldOf(root, path, standards[path]));
  return fields;
}
