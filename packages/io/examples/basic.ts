import { asFloat32, decodeNpz, encodeNpy, encodeNpz, readNpy, writeFileAtomically } from '@lensfield/io';

const map = { shape: [2, 2, 1], data: Float32Array.of(0.01, -0.02, 0.03, 0) };
await writeFileAtomically('/tmp/lensfield-map.npy', encodeNpy(map));
const back = await readNpy('/tmp/lensfield-map.npy');
console.log(back.dtype, back.shape, asFloat32(back).data);

const bytes = encodeNpz({ map, seed: { shape: [], data: BigInt64Array.of(1n) } }, { compress: true });
console.log(Object.keys(decodeNpz(bytes)));
