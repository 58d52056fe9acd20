import { describe, expect, test } from "@jest/globals";
import {
  askedNames,
  BoardNames,
  listedNames,
  type NamedBefore,
  numberedNames,
} from "../../../provision/names/board-names.js";
import { parsePosition } from "../../../provision/names/place.js";
import { parsePlaces } from "../../../provision/names/places-csv.js";

describe("a list of places", () => {
  const roofs = [
    { name: "roof 1", position: { lat: 47.3769, lon: 8.5417, alt: 408 } },
    { name: "roof, north", position: { lat: -33.5, lon: 151 } },
    { name: "cellar" },
  ];
  test.each([
    [
      "as it stands in docs",
      'name,lat,lon,alt\nroof 1,47.3769,8.5417,408\n"roof, north",-33.5,151,\ncellar,,,\n',
    ],
    [
      "as Excel writes it in German",
      "Name;Latitude;Longitude;Altitude\r\nroof 1;47,3769;8,5417;408\r\nroof, north;-33,5;151;\r\ncellar;;;\r\n",
    ],
    [
      "with tabs, other columns, and no line feed at its end",
      "who\tLNG\tlat\televation\tname\nme\t8.5417\t47.3769\t408\troof 1\n\t151\t-33.5\t\troof, north\n\n\t\t\t\tcellar",
    ],
  ])("%s", (_name, text) => {
    expect(parsePlaces(text, "places.csv")).toEqual(roofs);
  });

  test("a row may be for one board", () => {
    const text = "name,mac\na,34:85:18:00:00:0A\nb,\n";
    expect(parsePlaces(text, "p")).toEqual([{ name: "a", board: "34:85:18:00:00:0a" }, { name: "b" }]);
  });

  test.each([
    [
      "no column of names",
      "lat,lon\n1,2",
      'places.csv: its first line has no column "name", but lat, lon; for instance',
    ],
    ["half a position in the header", "name,lat\na,1", "only one of lat and lon"],
    ["half a position in a row", "name,lat,lon\na,1,", "places.csv: line 2: a position has both lat and lon"],
    [
      "a latitude that cannot be",
      "name,lat,lon\n\na,91,2",
      'places.csv: line 3: lat is "91", not a number from -90 to 90',
    ],
    [
      "a longitude that is none",
      "name,lat,lon\na,1,east",
      'line 2: lon is "east", not a number from -180 to 180',
    ],
    ["a row without a name", "name,lat,lon\n,1,2", 'line 2: name is "", which is not 1 to 48 bytes'],
    ["a name that is too long", `name\n${"n".repeat(49)}`, "which is not 1 to 48 bytes"],
    ["a name twice", "name\na\nb\na", 'places.csv: "a" stands there twice'],
    ["nothing", "name\n", "places.csv: it names no board"],
  ])("%s is refused, with the line", (_name, text, said) => {
    expect(() => parsePlaces(text, "places.csv")).toThrow(said);
  });
});

test("a position on the command line", () => {
  expect(parsePosition("47.3769, 8.5417,408")).toEqual({ lat: 47.3769, lon: 8.5417, alt: 408 });
  for (const wrong of ["47", "47,8,9,10", "91,8", "47,east", "47,", ","])
    expect(() => parsePosition(wrong)).toThrow("is no position");
});

describe("each board of a batch has a name of its own", () => {
  const known = (name: string, id: string, isDone: boolean): NamedBefore => ({ name, ids: [id], isDone });

  test("numbered: the lowest that is free, again after a failure, the old one for a board that comes again", async () => {
    const names = new BoardNames(numberedNames("roof {nn}", 7), [
      known("roof 07", "mac a", true),
      known("roof 09", "mac b", false),
    ]);
    const first = await names.take(["mac c", "device c"]);
    const second = await names.take(["mac d"]);
    expect([first.name, second.name]).toEqual(["roof 08", "roof 09"]);
    names.give(second);
    expect((await names.take(["mac b"])).name).toBe("roof 09");
    names.keep(first, ["mac c", "device c"]);
    expect((await names.take(["device c"])).name).toBe("roof 08");
    expect((await names.take(["mac e"])).name).toBe("roof 10");
  });

  test("of a list, in its order; a row that is for one board is for no other; at its end that is said", async () => {
    const places = parsePlaces("name,lat,lon,mac\na,1,2,\nb,3,4,mac x\nc,5,6,", "places.csv");
    const names = new BoardNames(listedNames(places, "places.csv"), []);
    expect(await names.take(["mac 1"])).toEqual({ name: "a", position: { lat: 1, lon: 2 } });
    expect(await names.take(["mac 2"])).toEqual({ name: "c", position: { lat: 5, lon: 6 } });
    await expect(names.take(["mac 3"])).rejects.toMatchObject({
      code: "no-name",
      message: "no name is left for this board: each of places.csv belongs to another",
    });
    expect(await names.take(["mac x", "device"])).toEqual({ name: "b", position: { lat: 3, lon: 4 } });
  });

  test("asked for, until the answer will do", async () => {
    const questions: string[] = [];
    const answers = ["", "n".repeat(49), "taken", "north", "", undefined];
    const ask = async (question: string) => {
      questions.push(question);
      return answers.shift();
    };
    const names = new BoardNames(askedNames(ask), [
      known("taken", "mac z", true),
      known("old", "mac 2", false),
    ]);
    expect(await names.take(["mac 1"])).toEqual({ name: "north" });
    expect(questions).toHaveLength(4);
    expect(questions[0]).toBe("Name of board mac 1: ");
    expect(questions[3]).toBe('"taken" belongs to another board. Name of board mac 1: ');
    expect(await names.take(["mac 2"])).toEqual({ name: "old" });
    expect(questions[4]).toBe('Name of board mac 2 (Enter for "old"): ');
    await expect(names.take(["mac 3"])).rejects.toMatchObject({ code: "no-name" });
  });
});
