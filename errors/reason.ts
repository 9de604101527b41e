/** What a failed call says of itself: `fetch` hides the system's own error behind one of its own. Pure. */
export const reasonOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error;
