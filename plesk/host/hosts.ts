/** Connections at a time that sshd's default `MaxStartups 10:30:100` serves without dropping any (20 at once: four were dropped; OpenSSH 9.2). */
export const MAX_PARALLEL = 8;
