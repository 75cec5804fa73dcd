/**
 * zod's compiled parsers need eval, which the content security policy forbids. Import this before anything that makes a
 * schema, because zod tests for eval at once.
 */
import { z } from 'zod';

z.config({ jitless: true });
