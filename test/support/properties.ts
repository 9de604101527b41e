// Property tests draw new examples on every run of a person's, and the same ones in CI: a change is judged by itself there,
// not by luck. FC_SEED and FC_RUNS choose others (`FC_RUNS=10000 npm test -- --project unit`).
import fc from "fast-check";

const { CI, FC_SEED, FC_RUNS } = process.env;
const seed = FC_SEED === undefined ? (CI === undefined ? undefined : 20_261_122) : Number(FC_SEED);
fc.configureGlobal({
  ...(seed === undefined ? {} : { seed }),
  ...(FC_RUNS === undefined ? {} : { numRuns: Number(FC_RUNS) }),
});
