/** CRC-32C (Castagnoli), as RFC 3720 has it in appendix B.4. */

const POLYNOMIAL = 0x82f63b78; // the lowest bit first

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, remainder) => {
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** The checksum, from 0 to 2³² - 1, of bytes that follow others whose checksum is `before`. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let remainder = ~before;
  for (const byte of bytes) remainder = REMAINDERS[(remainder ^ byte) & 0xff]! ^ (remainder >>> 8);
  return ~remainder >>> 0;
}
