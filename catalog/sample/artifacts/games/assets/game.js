export const release = "2026.11.0";
