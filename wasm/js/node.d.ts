export * from "./ottl.js";

/** Loads all data sets from the package's folder: then every call compiles. */
export function loadAllData(): void;
