export { render } from "preact-render-to-string";
