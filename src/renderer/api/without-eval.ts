/**
 * zod's compiled parsers need eval, which the content security policy forbids. Imported before anything that makes a
 * schema: it looks at once.
 */
import { z } from 'zod';

z.config({ jitless: true });
