/** The pages of all codes, by their files. */
export const explanations: Record<string, string> = import.meta.glob("../../../spec/diagnostics/*.md", { query: "?raw", import: "default", eager: true });
