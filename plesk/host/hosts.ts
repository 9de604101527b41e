/** Connections at a time that sshd's default `MaxStartups 10:30:100` serves without dropping any (facts.md, measured). */
export const MAX_PARALLEL = 8;
