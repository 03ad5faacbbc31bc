/** A map [pixels, bins] as one plane after the other, [bins, pixels]. */
export function toPlanes(map: Float32Array, numBins: number, planes: Float32Array): void {
  const numPixels = map.length / numBins;
  for (let bin = 0; bin < numBins; bin++) {
    for (let pixel = 0, from = bin; pixel < numPixels; pixel++, from += numBins) {
      planes[bin * numPixels + pixel] = map[from];
    }
  }
}
