/** How a vendor keeps issues. */
export interface Issues {
  /** Address of a repository's issues: POST opens one, PATCH below it changes one. @param repository `owner/name` @param env where the API is */
  address(repository: string, env: Readonly<Record<string, string | undefined>>): string;
  /** Headers of a call. */
  headers(token: string): Readonly<Record<string, string>>;
}
