/** Whether this machine has, or can build, the S3 server of the tests. */
export function hasS3Server(): boolean;
/** Path of the S3 server of the tests, built when it is not there yet; undefined where there is no Go. */
export function s3Server(): Promise<string | undefined>;
