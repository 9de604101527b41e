// Where the SDK's launcher begins. It puts its own compiler before every `require` of TypeScript, which refuses what Node reads as it
// is: `import` goes past that.
void import("./pack.ts");
