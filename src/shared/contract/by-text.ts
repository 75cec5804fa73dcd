import { z } from 'zod';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Parses an object whose keys are a user's texts. zod's own record leaves out the key `__proto__`, and with it a class
 * of that name.
 */
export function byText<T extends z.ZodType>(
  item: T,
): z.ZodType<Record<string, z.output<T>>, Record<string, z.input<T>>> {
  return z
    .custom<Record<string, z.input<T>>>(isObject, { error: 'an object was expected' })
    .transform((value, context) =>
      Object.fromEntries(
        Object.entries(value).map(([key, each]) => {
          const parsed = item.safeParse(each);
          if (parsed.success) return [key, parsed.data];
          for (const issue of parsed.error.issues)
            context.addIssue({ code: 'custom', message: issue.message, path: [key, ...issue.path] });
          return [key, each];
        }),
      ),
    ) as z.ZodType<Record<string, z.output<T>>, Record<string, z.input<T>>>;
}
