/** Bytes of dump that are restored a second, when nothing better is known: 194 MB in 7.7 s (measured with MariaDB 10.11 on two processors). */
const RESTORE_BYTES_PER_SECOND = 194e6 / 7.7;

/** Seconds that restoring a dump of a size is expected to take. @param measured Seconds that the scratch restore of the same dump took. */
export function restoreSeconds(bytes: number, measured?: number): number {
  return Math.ceil(measured ?? bytes / RESTORE_BYTES_PER_SECOND);
}
