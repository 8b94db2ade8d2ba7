/** How much is measured: the short form takes a minute or two, the long one is what the goals are about. */
export type Form = "short" | "long";
