import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asFloat32, decodeNpz, encodeNpy, encodeNpz, readNpy, writeFileAtomically } from '@lensfield/io';

const map = { shape: [2, 2, 1], data: Float32Array.of(0.01, -0.02, 0.03, 0) };
const path = join(tmpdir(), 'lensfield-map.npy');
await writeFileAtomically(path, encodeNpy(map));
const back = await readNpy(path);
console.log(back.dtype, back.shape, asFloat32(back).data);

const bytes = encodeNpz({ map, seed: { shape: [], data: BigInt64Array.of(1n) } }, { compress: true });
console.log(Object.keys(decodeNpz(bytes)));
