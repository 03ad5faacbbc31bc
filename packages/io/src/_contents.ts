/** How the bytes of an unexpected file look, for error messages: what it probably is, else its first bytes. */
export function describeContents(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const head = bytes.subarray(0, 24);
  const startsWith = (...signature: number[]) => signature.every((value, i) => head[i] === value);
  if (startsWith(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return 'an npy file';
  if (startsWith(0x50, 0x4b)) return 'a zip (npz) file';
  if (startsWith(0x89, 0x48, 0x44, 0x46)) return 'an HDF5 file';
  if (startsWith(0x1f, 0x8b)) return 'a gzip file';
  if (startsWith(0x80) && head[1] <= 5) return 'a Python pickle';
  if (head.every((value) => (value >= 32 && value < 127) || (value >= 9 && value <= 13))) {
    return `text that starts with ${JSON.stringify(String.fromCharCode(...head))}`;
  }
  return `bytes that start with ${[...head.subarray(0, 8)].map((v) => v.toString(16).padStart(2, '0')).join(' ')}`;
}
