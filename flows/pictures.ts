import { PNG } from "pngjs";

/** How two pictures of a page differ. */
export interface Difference {
  /** Percent of the larger picture. */
  readonly percent: number;
  /** PNG in which the differing points are red. */
  readonly picture: Buffer;
}

/** How far apart two colours may be, 0 to 1: below it are the edges of letters, which no two browsers draw alike (pixelmatch's own default is 0.1). */
const THRESHOLD = 0.1;

/** Compares two pictures, PNG. One that is larger differs in all that the other lacks. @throws Error when one is no PNG */
export async function comparePictures(before: Uint8Array, after: Uint8Array): Promise<Difference> {
  const { default: pixelmatch } = await import("pixelmatch");
  const [one, other] = [PNG.sync.read(Buffer.from(before)), PNG.sync.read(Buffer.from(after))];
  const [width, height] = [Math.max(one.width, other.width), Math.max(one.height, other.height)];
  const picture = new PNG({ width, height });
  const count = pixelmatch(
    onto(one, width, height).data,
    onto(other, width, height).data,
    picture.data,
    width,
    height,
    {
      threshold: THRESHOLD,
    },
  );
  return { percent: (count / (width * height)) * 100, picture: PNG.sync.write(picture) };
}

/** A picture on a larger ground, in the corner. */
function onto(picture: PNG, width: number, height: number): PNG {
  if (picture.width === width && picture.height === height) return picture;
  const ground = new PNG({ width, height });
  PNG.bitblt(picture, ground, 0, 0, picture.width, picture.height, 0, 0);
  return ground;
}
