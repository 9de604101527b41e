/** Slugs that `https://api-frameworks.zeit.sh/` lists, from the frameworks Vercel documents (vercel.com/docs/frameworks). */
const SLUGS = [
  "blitzjs",
  "nextjs",
  "gatsby",
  "remix",
  "react-router",
  "astro",
  "hexo",
  "eleventy",
  "docusaurus-2",
  "docusaurus",
  "preact",
  "solidstart-1",
  "solidstart",
  "dojo",
  "ember",
  "vue",
  "scully",
  "ionic-angular",
  "angular",
  "polymer",
  "svelte",
  "sveltekit",
  "sveltekit-1",
  "ionic-react",
  "create-react-app",
  "gridsome",
  "umijs",
  "sapper",
  "saber",
  "stencil",
  "nuxtjs",
  "redwoodjs",
  "hugo",
  "jekyll",
  "brunch",
  "middleman",
  "zola",
  "hydrogen",
  "vite",
  "tanstack-start",
  "vitepress",
  "vuepress",
  "parcel",
  "fastapi",
  "flask",
  "fasthtml",
  "django",
  "sanity-v3",
  "sanity",
  "storybook",
  "nitro",
  "hono",
  "express",
  "h3",
  "koa",
  "nestjs",
  "elysia",
  "fastify",
  "xmcp",
  "python",
  "ruby",
  "rust",
  "node",
  "go",
  "services",
] as const;

const KNOWN: ReadonlySet<string> = new Set(SLUGS);

/** Regions with the capability that the provider looks for; ids from vercel.com/docs/edge-network/regions. */
const REGIONS = [
  "arn1",
  "bom1",
  "cdg1",
  "cle1",
  "cpt1",
  "dub1",
  "dxb1",
  "fra1",
  "gru1",
  "hkg1",
  "hnd1",
  "iad1",
  "icn1",
  "kix1",
  "lhr1",
  "pdx1",
  "sfo1",
  "sin1",
  "syd1",
  "yul1",
] as const;

/** True for a framework that Vercel knows. */
export function isFramework(slug: string): boolean {
  return KNOWN.has(slug);
}

/** What `https://api-frameworks.zeit.sh/` answers. */
export function frameworkList(): { name: string; slug: string }[] {
  return SLUGS.map((slug) => ({ name: slug, slug }));
}

/** What `https://dcs.vercel-infra.com` answers. */
export function regionList(): Record<string, { caps: string[] }> {
  return Object.fromEntries(REGIONS.map((id) => [id, { caps: ["V2_DEPLOYMENT_CREATE"] }]));
}
