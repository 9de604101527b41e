import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import pLimit from "p-limit";
import { environment } from "../../../environment/index.ts";
import type { S3Address } from "./backend-url.ts";
import { appendByChange, type Condition, type ListedObject, type Store, unreachable } from "./store.ts";

/** How long one request may take, ms, and how often it is tried. */
const REQUEST_MS = 20_000;
const CONNECT_MS = 5_000;
const ATTEMPTS = 4;
/** What a server says that has too much to do. Such a request is tried again after pauses up to a minute in all, ms. */
const BUSY = [429, 503];
const BUSY_PAUSES = { maxAttempts: 8, backoff: new ExponentialBackoff({ initialDelay: 250, maxDelay: 15_000 }) };
/** Requests of one process at once: the histories of fifty stacks take a second and a half with eight of them. A job of a matrix, which has one stack, needs a few. */
const AT_ONCE = 16;
/** A server that tells no version: what is written under this one is refused, and who wrote looks again. */
const UNKNOWN = "unknown";
/** Region that a server other than Amazon's is asked in when nothing says one. */
const ANY_REGION = "us-east-1";

/**
 * The SDK asks the process's environment. Of an operation whose own is another one it is told the login: the keys there, else a
 * profile, with which the SDK takes no keys of the process.
 */
function loginOf(env: NodeJS.ProcessEnv, profile: string | undefined) {
  const same = ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE"].every(
    (name) => env[`AWS_${name}`] === process.env[`AWS_${name}`],
  );
  const wanted = profile || (same ? undefined : env.AWS_PROFILE);
  if (same || wanted) return wanted ? { profile: wanted } : {};
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId || !secretAccessKey) return { profile: "default" };
  return { credentials: { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) } };
}

/** Objects in an S3-compatible bucket. Credentials come from where the engine takes them: environment, profile, role. */
export function s3Store(address: S3Address, env: NodeJS.ProcessEnv = environment()): Store {
  const { bucket, prefix, region, profile, endpoint, pathStyle } = address;
  const client = new S3Client({
    ...(region
      ? { region }
      : endpoint
        ? { region: env.AWS_REGION || ANY_REGION }
        : env.AWS_REGION
          ? { region: env.AWS_REGION }
          : {}),
    ...loginOf(env, profile),
    ...(endpoint ? { endpoint } : {}),
    forcePathStyle: pathStyle,
    maxAttempts: ATTEMPTS,
    requestHandler: { requestTimeout: REQUEST_MS, connectionTimeout: CONNECT_MS, throwOnRequestTimeout: true },
    // Servers other than Amazon's need not know the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const calm = retry(
    handleWhen((error) => BUSY.includes(statusOf(error) ?? 0)),
    BUSY_PAUSES,
  );
  const places = pLimit(AT_ONCE);
  const send = ((command: Parameters<typeof client.send>[0]) =>
    calm.execute(() => places(() => client.send(command)))) as typeof client.send;
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  const named = (key: string) => `s3://${bucket}/${prefix}${key}`;
  const store: Store = {
    kind: "s3",
    append: (key, text) => appendByChange(store, key, text),
    async get(key) {
      try {
        const { Body, ETag } = await send(new GetObjectCommand(at(key)));
        return { text: (await Body?.transformToString()) ?? "", version: ETag ?? "" };
      } catch (error) {
        if (error instanceof NoSuchKey || statusOf(error) === 404) return undefined;
        throw failed(named(key), error);
      }
    },
    async bytes(key) {
      try {
        const { Body, ETag } = await send(new GetObjectCommand(at(key)));
        return { content: (await Body?.transformToByteArray()) ?? new Uint8Array(), version: ETag };
      } catch (error) {
        if (error instanceof NoSuchKey || statusOf(error) === 404) return undefined;
        throw failed(named(key), error);
      }
    },
    async head(key, bytes) {
      try {
        const { Body, ETag } = await send(new GetObjectCommand({ ...at(key), Range: `bytes=0-${bytes - 1}` }));
        return { content: ((await Body?.transformToString()) ?? "").slice(0, bytes), version: ETag };
      } catch (error) {
        if (error instanceof NoSuchKey || statusOf(error) === 404) return undefined;
        // 416: an empty object has no first byte.
        if (statusOf(error) === 416) return { content: "" };
        throw failed(named(key), error);
      }
    },
    async put(key, text, condition) {
      try {
        const body = { Body: text, ContentType: "application/json" };
        const { ETag } = await send(new PutObjectCommand({ ...at(key), ...body, ...headersOf(condition) }));
        return ETag || UNKNOWN;
      } catch (error) {
        // 412: another process has written; 409: another one is writing; 404: what was there is gone.
        if (condition !== undefined && [404, 409, 412].includes(statusOf(error) ?? 0)) {
          // An answer may have been lost: what a first attempt wrote refuses the second one.
          if (attemptsOf(error) === 1) return false;
          const found = await store.get(key);
          return found?.text === text ? found.version : false;
        }
        throw failed(named(key), error);
      }
    },
    async remove(key) {
      try {
        await send(new DeleteObjectCommand(at(key)));
      } catch (error) {
        if (statusOf(error) !== 404) throw failed(named(key), error);
      }
    },
    async list(below) {
      const found: ListedObject[] = [];
      let token: string | undefined;
      do {
        try {
          const page = await send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix + below,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          );
          for (const { Key = "", Size = 0, LastModified, ETag: version } of page.Contents ?? []) {
            found.push({
              key: Key.slice(prefix.length),
              size: Size,
              modifiedAt: LastModified?.getTime() ?? 0,
              version,
            });
          }
          token = page.IsTruncated ? page.NextContinuationToken : undefined;
        } catch (error) {
          throw failed(named(below), error);
        }
      } while (token !== undefined);
      return found;
    },
  };
  return store;
}

function headersOf(condition: Condition | undefined) {
  if (condition === undefined) return {};
  return "absent" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.version };
}

/** What the SDK notes at an error of its own, and at an answer that it could not read, such as a proxy's. */
const metadataOf = (error: unknown) =>
  error instanceof Error ? (error as Partial<S3ServiceException>).$metadata : undefined;
const statusOf = (error: unknown) => metadataOf(error)?.httpStatusCode;
const attemptsOf = (error: unknown) => metadataOf(error)?.attempts ?? 1;

/** An answer that is no S3 server's, say a proxy's page, is told by its status: the SDK's own words are about XML. */
function failed(subject: string, error: unknown): Error {
  const status = error instanceof S3ServiceException ? undefined : statusOf(error);
  return unreachable(
    subject,
    status === undefined ? error : new Error(`status ${status}, not in the words of S3`, { cause: error }),
  );
}
