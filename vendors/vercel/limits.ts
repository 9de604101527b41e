import type { Limits } from "../limits.ts";

const DEPLOYMENTS = /^\/v\d+\/deployments\/?$/;

/** Vercel's limits. */
export const limits: Limits = {
  places: [
    { id: "vercel.project-create", methods: ["POST"], path: /^\/v\d+\/projects\/?$/ },
    { id: "vercel.project-domain-add", methods: ["POST"], path: /^\/v\d+\/projects\/[^/]+\/domains\/?$/ },
    { id: "vercel.deployment-create-5min", methods: ["POST"], path: DEPLOYMENTS },
    { id: "vercel.deployment-create-hour", methods: ["POST"], path: DEPLOYMENTS },
    { id: "vercel.deployment-create-day", methods: ["POST"], path: DEPLOYMENTS },
    { id: "vercel.variable-create", methods: ["POST"], path: /^\/v\d+\/(?:projects\/[^/]+\/)?env\/?$/ },
    { id: "vercel.variable-read", methods: ["GET"], path: /^\/v\d+\/(?:projects\/[^/]+\/)?env(?:\/|$)/ },
  ],
  builds: "vercel.concurrent-builds",
};
