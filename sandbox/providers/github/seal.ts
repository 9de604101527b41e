import sodium from "libsodium-wrappers";

/**
 * Encrypts a secret for GitHub: a sealed box for an environment's public key.
 *
 * @param key the public key in base64
 * @returns base64
 */
export async function seal(value: string, key: string): Promise<string> {
  await sodium.ready;
  const standard = sodium.base64_variants.ORIGINAL;
  const box = sodium.crypto_box_seal(sodium.from_string(value), sodium.from_base64(key, standard));
  return sodium.to_base64(box, standard);
}
