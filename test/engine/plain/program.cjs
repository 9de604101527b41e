// A program with every kind of change that matters to a state, without a vendor. REVISION says which of its forms it has. Each resource
// waits for the one before: what is registered side by side stands in a state in any order.
const pulumi = require("@pulumi/pulumi");

const revision = Number(process.env.REVISION);
const provider = {
  async create(inputs) {
    return { id: `id-${inputs.name}-${inputs.fixed}`, outs: { ...inputs, made: true } };
  },
  async update(_id, _olds, news) {
    if (process.env.FAIL_UPDATE) throw new Error("not now");
    return { outs: { ...news, made: true } };
  },
  async diff(_id, olds, news) {
    const replaces = olds.fixed !== news.fixed ? ["fixed"] : [];
    const changes = JSON.stringify(olds.revision) !== JSON.stringify(news.revision) || replaces.length > 0;
    return { changes, replaces, deleteBeforeReplace: news.before === true };
  },
  async delete() {
    if (process.env.FAIL_DELETE) throw new Error("not now");
  },
  async read(id, props) {
    return { id, props };
  },
};

class Thing extends pulumi.dynamic.Resource {
  constructor(name, args, options) {
    super(provider, name, { made: undefined, ...args, name }, options);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name) {
    super("trial:index:Group", name);
  }
}

// Sites, of which an update that is limited to some declares those alone.
class Site extends pulumi.ComponentResource {
  constructor(name) {
    super("sitefleet:vercel:Site", name);
  }
}
const known = (output) => new Promise((resolve) => output.apply(resolve));
async function declareSites(last) {
  await known(last);
  for (const host of (process.env.SITES ?? "").split(",").filter(Boolean)) {
    const site = new Site(host);
    await known(site.urn);
    const project = new Thing(host, { revision, fixed: 1 }, { parent: site });
    await known(project.id);
    const options = { parent: site, dependsOn: [project] };
    await known(new Thing(`${host}/domain`, { revision, fixed: revision, of: project.id }, options).id);
  }
}

const config = new pulumi.Config();
module.exports = async () => {
  const group = new Group("group");
  const odd = { 10: 1, 9: "\u2028<&>\u0007", "\u{1f600}": 1e21, "\ufb01": 1e-7 };
  const a = new Thing("a", { revision: 1, fixed: 1, odd }, { parent: group });
  const b = new Thing(
    "b",
    { revision: 1, fixed: revision >= 2 ? 2 : 1, of: a.id },
    { parent: group, dependsOn: [a], customTimeouts: { create: "1m" } },
  );
  const c = new Thing(
    "c",
    { revision, fixed: revision >= 3 ? 3 : 1, before: true, secret: config.requireSecret("word"), of: b.id },
    { parent: group, additionalSecretOutputs: ["made"] },
  );
  if (revision < 3)
    new Thing("d", { revision, fixed: 1, of: c.id }, { deletedWith: a, retainOnDelete: revision === 2 });
  if (revision === 2)
    new Thing(
      "e",
      { revision, fixed: 1, of: d.id },
      { aliases: [{ name: "former" }], ignoreChanges: ["revision"], replaceOnChanges: ["revision"] },
    );
  group.registerOutputs({ of: a.id });
  await declareSites(c.made);
  return { b: b.id, text: "<&>", word: config.requireSecret("word") };
};
