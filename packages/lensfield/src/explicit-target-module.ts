/** The built module of {@link explicitTarget}: a thread starts from a file, not from sources. Right from src/ and from dist/. */
export const EXPLICIT_TARGET_MODULE = new URL('../dist/explicit-target.js', import.meta.url).href;
