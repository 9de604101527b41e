/** HTML of a tree; every text in it is escaped. */
export function render(node: object): string;
