// preact's own types bring those of a browser with them, which nothing outside of the page should see: beside this stand the few that are used.
export { Fragment, h } from "preact";
