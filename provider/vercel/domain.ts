/** A domain of a project, as far as it is looked at. */
export interface Domain {
  readonly name: string;
  /** False while another account uses the domain and has not let go of it. */
  readonly verified: boolean;
  /** DNS records that prove that the domain is ours. */
  readonly challenges: readonly Challenge[];
}

/** A record that Vercel asks for. */
export interface Challenge {
  readonly type: string;
  /** Full name, e.g. `_vercel.example.org`. */
  readonly domain: string;
  readonly value: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** Reads a domain of a project. Pure. https://vercel.com/docs/rest-api/reference/endpoints/projects/get-a-project-domain */
export function readDomain(value: unknown): Domain {
  const { name, verified, verification } = (value ?? {}) as Raw;
  return { name: String(name ?? ""), verified: verified !== false, challenges: readChallenges(verification) };
}

/** Reads a list of records that Vercel asks for. Pure. */
export function readChallenges(value: unknown): Challenge[] {
  return (Array.isArray(value) ? (value as Raw[]) : []).flatMap(({ type, domain, value: text }) =>
    typeof text === "string" ? [{ type: String(type), domain: String(domain), value: text }] : [],
  );
}

/** What is wrong with a domain that is not verified, and what ends it: for people. Pure. */
export function unverifiedText(name: string, challenges: readonly Challenge[]): string {
  const wrong = `${name} is used by another Vercel account, so visitors do not reach this project under it`;
  const records = challenges.map(({ type, domain, value }) => {
    const [label = ""] = domain.split(".");
    const row = `{ name: ${label}, type: ${type}, content: "${value}" }`;
    return `${domain} ${type} ${value} (in zones.yaml, where the zone is yours: ${row})`;
  });
  if (records.length === 0) return `${wrong}; look at the domain in the project's settings at Vercel`;
  return `${wrong} until this DNS record exists: ${records.join("; ")}. Then run again`;
}
