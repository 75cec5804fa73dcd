/**
 * Fetches the TensorFlow engine after `npm ci`. It never makes the install fail; the program itself says when there is
 * no engine.
 */
import { aloud } from './engine/aloud.mjs';
import { installEngine, withoutCuda } from './engine/install.mjs';

try {
  const lacking = await installEngine();
  if (lacking) aloud(console.error)(withoutCuda(lacking));
} catch (error) {
  console.error(`
EfficientTrain Studio: the TensorFlow engine could not be installed, so training will run on tfjs's CPU backend, many times slower.
  why:  ${error.message}
  next: put that right, then run \`npm run engine\`. \`npm run --silent efficienttrain -- doctor\` says what is in use.
`);
}
