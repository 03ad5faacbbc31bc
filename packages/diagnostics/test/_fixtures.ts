import { readFileSync } from 'node:fs';
import { asFloat64, decodeNpy } from '@lensfield/io';

const folder = new URL('./fixtures/', import.meta.url);

export const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));
export const readArray = (path: string) =>
  asFloat64(decodeNpy(readFileSync(new URL(path, folder)), { source: path }));
