/**
 * Forms of credentials that their issuers document, so that one is known wherever it stands: GitHub, GitLab, Slack, Stripe, AWS,
 * Google, npm, SendGrid, Pulumi, a JSON web token, a PEM private key, an address with a password, a chat's web hook.
 */
const FORMS: readonly RegExp[] = [
  /\bgh[pousr]_[A-Za-z0-9]{30,}/,
  /\bgithub_pat_[A-Za-z0-9_]{30,}/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/,
  /\bwhsec_[A-Za-z0-9+/=]{16,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  /\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/,
  /\bpul-[0-9a-f]{40}\b/,
  /\bsk-[A-Za-z0-9_-]{24,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:[^\s/@]{1,200}@/,
  /\bhooks\.slack\.com\/services\/[A-Za-z0-9/_-]+/,
  /\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/[A-Za-z0-9_-]+/,
];

const EVERY = new RegExp(FORMS.map(({ source }) => source).join("|"), "g");

/** Whether a text holds a credential of a known form. Pure. */
export const holdsToken = (text: string): boolean => FORMS.some((form) => form.test(text));

/** A text in which each credential of a known form is `[secret]`. Pure. */
export const withoutTokens = (text: string): string => text.replace(EVERY, "[secret]");
