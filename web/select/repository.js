// Where the code is that this page was made from.

/**
 * What the build was told, else what the address of a GitHub page says, else "".
 * @param {string|undefined} told @param {{hostname: string, pathname: string}} location
 */
export function repositoryOf(told, { hostname, pathname }) {
  if (told) return told;
  const [, owner] = /^([\w-]+)\.github\.io$/.exec(hostname) ?? [];
  if (!owner) return "";
  const [, folder] = /^\/([^/]+)\//.exec(pathname) ?? [];
  return `https://github.com/${owner}/${folder ?? `${owner}.github.io`}`;
}
