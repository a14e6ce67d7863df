// What sitemap.js takes to write the files of a catalogue, made up on the way: node
// sitemaps.mjs COUNT FOLDER. Plain files of 50,000 addresses and their index, nothing read.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SitemapAndIndexStream, SitemapStream } from "sitemap";

const [count, folder] = [Number(process.argv[2]), process.argv[3]];
const site = "https://big.example";
const [first, step] = [Date.UTC(2011, 0, 1), (15 * 365 * 86_400_000) / count];

function* entries() {
  for (let i = 0; i < count; i += 1) {
    const lastmod = new Date(first + step * i).toISOString();
    yield { url: `/stories/story-${i + 1}-${(i * 7919) % 1_000_000}/`, lastmod };
  }
}

const index = new SitemapAndIndexStream({
  limit: 50_000,
  getSitemapStream: (number) => {
    const name = `sitemap-${number}.xml`;
    const stream = new SitemapStream({ hostname: site });
    const written = stream.pipe(createWriteStream(join(folder, name)));
    return [`${site}/${name}`, stream, written];
  },
});
await pipeline(Readable.from(entries()), index, createWriteStream(join(folder, "sitemap.xml")));
