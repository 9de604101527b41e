/** Logical name of a random value of a secret. The first one's is that of a secret which was never rotated. Pure. */
export const randomName = (secret: string, generation: number): string =>
  generation === 1 ? secret : `${secret}/value${generation}`;
