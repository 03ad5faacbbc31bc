/** The built module of {@link spectraTarget}: a worker starts from a file, not from sources. From here the path is right in both. */
export const SPECTRA_MODULE = new URL('../dist/spectra-target.js', import.meta.url).href;
