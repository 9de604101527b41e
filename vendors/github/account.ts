import { findLimit } from "../../model/index.ts";
import { type Asked, daysUntil, expiry, must, unanswered } from "../answers.ts";
import { type Account, type Answer, check, fault, type Line, ok, type Questions, warning } from "../checkup.ts";
import { headerText } from "../limits.ts";
import { fields, listOf, objectOf, type Props, part, textOf } from "../live.ts";
import { limits } from "./limits.ts";
import { readOptions } from "./live.ts";

const VARIABLE = "GITHUB_TOKEN";
const asked = (id: string): Asked => ({ id, vendor: "GitHub", variable: VARIABLE, limits });
const repositoryPath = (repository: string) => `/repos/${repository.split("/").map(part).join("/")}`;

/** What is known of a token and of the repository whose environment holds the secrets. */
export interface RepositoryFacts {
  readonly repository: string;
  readonly user: Answer;
  readonly answer: Answer;
  readonly now: number;
}

async function repositoryFacts({ ask, catalog, now }: Questions): Promise<RepositoryFacts> {
  const { repository } = catalog.secrets.github;
  const [user, answer] = await Promise.all([ask("/user"), ask(repositoryPath(repository))]);
  return { repository, user, answer, now };
}

/** Judges the token by what it is told about its own user and repository. Pure. */
export function judgeRepository({ repository, user, answer, now }: RepositoryFacts): Line[] {
  const [token, place] = [asked("github.token"), asked("github.repository")];
  // The token of a workflow or of an app is no user's.
  const ofApp = user.status === 403 && answer.status === 200;
  const refused = ofApp ? undefined : unanswered(token, user);
  if (refused !== undefined) return [refused];
  const ends = daysUntil(headerText(user.headers, "github-authentication-token-expiration"), now);
  const login = textOf(fields(user.body), "login");
  const lines = [expiry(token, ends) ?? ok(token.id, ofApp ? "valid, of an app or a workflow" : `valid, of ${login}`)];
  const unread = unanswered(place, answer);
  if (repository === "") return lines;
  if (unread !== undefined) return [...lines, unread];
  if (answer.status !== 200) {
    const todo = `correct github.repository in secrets.yaml, or give the token this repository (classic: repo)`;
    return [...lines, fault(place.id, `${repository} is not there for this token`, todo)];
  }
  const facts = fields(answer.body);
  const scopes = headerText(user.headers, "x-oauth-scopes");
  if (facts.archived === true) {
    return [
      ...lines,
      fault(
        place.id,
        `${repository} is archived: nothing in it can be changed`,
        "name another repository in secrets.yaml, or bring it back at GitHub",
      ),
    ];
  }
  if (objectOf(facts, "permissions")?.admin === false || (scopes && !/\brepo\b/.test(scopes))) {
    const todo =
      "fine for previews; for updates: Administration and Environments (write), or a classic token with repo";
    return [
      ...lines,
      warning(place.id, `the token may not make environments and their secrets in ${repository}`, todo),
    ];
  }
  return [...lines, ok(place.id, `${repository} is there, and the token may administer it`)];
}

/** What is known of the environment. */
export interface EnvironmentFacts {
  readonly repository: string;
  readonly environment: string;
  readonly answer: Answer;
  /** Names of the secrets in it; undefined where they cannot be read. */
  readonly secrets?: readonly string[];
  /** Names of the secrets that the catalog declares. */
  readonly declared: readonly string[];
  /** Secrets that an environment holds at most. */
  readonly most?: number;
  /** approvers.yaml says who may approve. */
  readonly approvers: boolean;
}

async function environmentFacts({ ask, catalog }: Questions): Promise<EnvironmentFacts> {
  const { repository, environment } = catalog.secrets.github;
  const path = `${repositoryPath(repository)}/environments/${part(environment)}`;
  const [answer, listed] = await Promise.all([ask(path), ask(`${path}/secrets`, { per_page: "100" })]);
  const names = listOf(fields(listed.body).secrets).flatMap((secret) => textOf(secret, "name") ?? []);
  return {
    repository,
    environment,
    answer,
    secrets: listed.status === 200 ? names : undefined,
    declared: catalog.secrets.entries.map(({ name }) => name),
    most: findLimit(catalog.limits, "github.environment-secrets")?.amount,
    approvers: catalog.approvers !== undefined,
  };
}

/** Judges the environment and its protection. Pure. */
export function judgeEnvironment(facts: EnvironmentFacts): Line[] {
  const { repository, environment, answer, secrets = [], declared, most } = facts;
  const at = asked("github.environment");
  const wanting = headerText(answer.headers, "x-accepted-github-permissions");
  if (answer.status === 403 && wanting !== undefined) {
    return [
      fault(
        at.id,
        `the token may not read environment ${environment} of ${repository}: it lacks ${wanting}`,
        `give the token ${wanting} on this repository`,
      ),
    ];
  }
  const refused = unanswered(at, answer);
  if (refused !== undefined) return [refused];
  const all = new Set([...secrets, ...declared.map((name) => name.toUpperCase())]);
  const room =
    most !== undefined && all.size > most
      ? [
          fault(
            "room.secrets",
            `environment ${environment} would hold ${all.size} secrets, and GitHub takes ${most}`,
            "take secrets out of secrets.yaml, or those away that no job uses",
          ),
        ]
      : [];
  if (answer.status === 404) return [ok(at.id, `environment ${environment} is not there yet; prod makes it`), ...room];
  const rules = listOf(fields(answer.body).protection_rules);
  const reviewers = rules.find((rule) => rule.type === "required_reviewers");
  const people = reviewers === undefined ? 0 : listOf(reviewers.reviewers).length;
  const words = protectionWords(rules, people);
  if (reviewers !== undefined && people === 0) {
    const todo = `name reviewers at GitHub, settings of ${repository}, Environments, ${environment}`;
    return [
      warning(at.id, `environment ${environment} asks for reviewers and has none: every job waits for ever`, todo),
      ...room,
    ];
  }
  return [ok(at.id, `environment ${environment} of ${repository} has ${secrets.length} secrets; ${words}`), ...room];
}

/** Who and what is waited for before a job gets the secrets. Pure. */
function protectionWords(rules: readonly Props[], people: number): string {
  const has = (type: string) => rules.some((rule) => rule.type === type);
  const parts = [
    people === 0 ? "no reviewers" : `${people} reviewers`,
    has("branch_policy") ? "chosen branches" : "every branch",
  ];
  return `protection: ${parts.join(", ")}`;
}

/** What GitHub says of the account behind a token: https://docs.github.com/rest */
export const account: Account = {
  address: (env) => readOptions(env).baseUrl,
  checks: (questions) => [
    check("github.token", "GitHub, whose the token is", () => repositoryFacts(questions), judgeRepository),
    check("github.environment", "GitHub, its environment", () => environmentFacts(questions), judgeEnvironment),
  ],
  async whose(ask) {
    const answer = await ask("/user");
    // The token of a workflow or of an app is no user's.
    if (answer.status === 403 && fields(answer.body).message !== undefined) return "an app or a workflow";
    return textOf(await must(asked("github.token"), Promise.resolve(answer)), "login") ?? "a user";
  },
  async newest(ask, repository, branch) {
    const at = asked("repositories");
    const named = branch ?? textOf(await must(at, ask(repositoryPath(repository))), "default_branch");
    if (named === undefined) return undefined;
    return textOf(await must(at, ask(`${repositoryPath(repository)}/commits/${part(named)}`)), "sha");
  },
};
