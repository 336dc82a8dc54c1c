/**
 * One server for all tests that leave it as it is; each uses a context of its own. And one
 * application that has the package installed.
 */

import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { deleteApplication, makeApplication } from "./application.js";
import { deleteDataDirectory, makeDataDirectory, Server } from "./server.js";

/** The key as it stands in the guides. */
const PUBLISHED_KEY = "sk-...";

declare module "vitest" {
  export interface ProvidedContext {
    endpoint: string;
    apiKey: string;
    dataDirectory: string;
    application: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await makeDataDirectory();
  const server = await Server.start(directory, { SPECTRON_FIRST_KEY: PUBLISHED_KEY });
  project.provide("endpoint", server.endpoint);
  project.provide("apiKey", PUBLISHED_KEY);
  project.provide("dataDirectory", directory);
  const application = await makeApplication();
  project.provide("application", application);
  return async () => {
    await server.stop();
    await deleteDataDirectory(directory);
    await deleteApplication(application);
  };
}
