"""Drives the page in a real Chromium: page.py URL TOKEN IMAGES FOLDER PICTURES.

IMAGES are copied to FOLDER, which the agent watches, while the page is open. It ends with the first thing that is not as it
should be, or with status 0; pictures of what it saw are in PICTURES.
"""

import pathlib
import shutil
import sys

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

url, token, images, folder, pictures = sys.argv[1:]
patience = 180


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = shutil.which("chromedriver") or sys.exit("chromedriver is missing: apt-get install chromium-driver")
    return webdriver.Chrome(options=options, service=Service(driver))


def look(width, height, scheme):
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                         {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def wait(what, condition):
    return WebDriverWait(page, patience, poll_frequency=0.1).until(condition, f"waited in vain for: {what}")


def find(css):
    return page.find_element(By.CSS_SELECTOR, css)


def found(css):
    return page.find_elements(By.CSS_SELECTOR, css)


def text(css):
    return page.execute_script("return document.querySelector(arguments[0])?.textContent ?? ''", css)


def click(css):
    wait(css, lambda _: found(css))
    find(css).click()


def choose(setting, value):
    control = find(f"#setting-{setting}")
    if control.tag_name == "select":
        control.send_keys(value)
    else:
        control.send_keys(Keys.CONTROL, "a")
        control.send_keys(value)


def keep(name):
    page.save_screenshot(f"{pictures}/{name}.png")


def go(part):
    page.execute_script("location.hash = arguments[0]", f"#/{part}")
    name = part.split("?")[0]
    wait(f"the part {name}", lambda _: found(f'main[data-part="{name}"]'))


def check(what, holds):
    if not holds:
        keep("failure")
        sys.exit(f"not so: {what}")


def complaints():
    return [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


page = browser()
try:
    look(1440, 900, "light")
    page.get(url)

    # The tab has no token yet: it asks, and remembers.
    wait("it asks for a token", lambda _: found("#token[open]"))
    find("#token input").send_keys(token, Keys.ENTER)
    wait("the pipeline", lambda _: found(".flow .stage"))
    # Those first refusals are told on the console by the browser itself.
    first = [entry for entry in complaints() if "401" not in entry["message"]]
    check(f"a silent console, not {first}", not first)

    wait("all is pushed", lambda _: "1" in text('[data-stage="pushing"] dd:last-of-type'))
    seen = text('[data-stage="observe"] .queue')
    check("four files are seen", seen.startswith("4"))
    page.execute_script("window.isSame = true")
    shutil.copytree(images, folder)
    wait("the count moves", lambda _: text('[data-stage="observe"] .queue').startswith("6"))
    wait("the new dataset", lambda _: "later" in text(".columns"))
    wait("the newest events are told", lambda _: "DatasetPushed" in text(".feed"))
    check("it was not loaded again", page.execute_script("return window.isSame === true"))
    click("#audit")
    wait("the record is audited", lambda _: "the record holds" in text(".columns"))
    keep("overview")

    # By way of the list to an image, and with the pointer to a tile.
    go("objects")
    wait("the list", lambda _: found("tbody tr"))
    page.find_element(By.LINK_TEXT, "north/DJI_0001.JPG").click()
    wait("the grid", lambda _: found('.grid[data-ready="true"] rect'))
    wait("the image", lambda _: page.execute_script("const i = document.querySelector('.picture img'); return i?.complete && i.naturalWidth > 0"))
    webdriver.ActionChains(page).move_to_element(find(".picture svg")).click().perform()
    wait("the tile", lambda _: page.execute_script("const i = document.querySelector('.tile img'); return i?.complete && i.naturalWidth > 0"))
    name = find(".tile").get_attribute("data-tile")
    subject = f'.graph[data-subject$="/{name}"]'
    wait("its lineage", lambda _: found(f"{subject} .node.subject"))
    steps = [node.get_attribute("data-step") for node in found(f"{subject} .node")]
    for step in ["observed", "fetched", "validated", "derivation", "tile", "commit", "push"]:
        check(f"{step} is in the lineage, which is {steps}", step in steps)
    keep("object")

    # And with the keys to its neighbour.
    page.execute_script("document.querySelector('.picture svg').focus()")
    webdriver.ActionChains(page).send_keys(Keys.ARROW_UP, Keys.ENTER).perform()
    wait("another tile", lambda _: found(".tile") and find(".tile").get_attribute("data-tile") != name)

    go("map")
    wait("the map", lambda _: found('.map[data-ready="true"] .area'))
    keep("map")
    go("datasets")
    wait("the datasets", lambda _: "later" in text("tbody"))
    keep("datasets")

    go("quarantine")
    wait("the file in quarantine", lambda _: "south/bad.jpg" in text("tbody"))
    keep("quarantine")
    click("button[data-release]")
    wait("it is released", lambda _: "Released" in text("#toasts"))

    # Other settings: planned, looked at, applied, followed until they hold; then others, and cancelled.
    go("rederive")
    wait("the settings", lambda _: found('form[data-ready="true"] #setting-tile_size'))
    check("the values are the store's", find("#setting-tile_size").get_attribute("value") == "256")
    choose("tile_size", "192")
    check("what is changed is marked", found(".setting.changed"))
    keep("rederive")
    find("#setting-tile_size").send_keys(Keys.ENTER)
    wait("the plan", lambda _: found("#plan[open] tbody tr"))
    for said in ["tile_size", "192", "north", "later", "replaced", "time", "disk", "to fetch"]:
        check(f"the plan says {said}", said in text("#plan"))
    keep("plan")
    webdriver.ActionChains(page).send_keys(Keys.ESCAPE).perform()
    wait("the plan is closed", lambda _: not found("#plan"))
    check("nothing was asked for", "Nothing was derived anew" in text("main"))
    find("#setting-tile_size").send_keys(Keys.ENTER)
    wait("the plan again", lambda _: found("#plan[open] #apply"))
    for width, height, scheme, suffix in [(390, 844, "light", "phone"), (1440, 900, "dark", "dark")]:
        look(width, height, scheme)
        check(f"the plan fits at {suffix}", page.execute_script(
            "const d = document.querySelector('#plan'); return d.scrollWidth <= d.clientWidth && document.documentElement.scrollWidth <= innerWidth"))
        keep(f"plan-{suffix}")
    look(1440, 900, "light")
    check("the keys lead to Apply", page.execute_script("return document.activeElement.id") == "apply")
    webdriver.ActionChains(page).send_keys(Keys.ENTER).perform()
    wait("it is asked for", lambda _: "next generation" in text("#toasts"))
    wait("it is cut over", lambda _: "cut-over" in text("tbody"))
    wait("the settings are the new ones", lambda _: found("#setting-tile_size") and find("#setting-tile_size").get_attribute("value") == "192")

    choose("png_compression", "small")
    choose("tile_size", "96")
    choose("tile_overlap", "48")
    # So many that there is time to cancel it.
    choose("augment", "flip-horizontal p=0.5")
    choose("variants", "40")
    find("#setting-tile_size").send_keys(Keys.ENTER)
    wait("the plan", lambda _: found("#plan[open] #apply"))
    click("#apply")
    wait("it is under way", lambda _: found('.generation[data-state="deriving"] progress'))
    wait("it moves", lambda _: float(page.execute_script("return document.querySelector('.generation progress')?.value ?? -1")) >= 1)
    keep("rederive-running")
    click("button[data-cancel]")
    wait("it asks", lambda _: found("#confirm[open]"))
    keep("rederive-cancel")
    webdriver.ActionChains(page).send_keys(Keys.ENTER).perform()
    wait("who is not sure goes on", lambda _: not found("#confirm"))
    check("it is under way still", found('.generation[data-state="deriving"]'))
    click("button[data-cancel]")
    click("#confirm button[data-confirm]")
    wait("it is cancelled", lambda _: "cancelled" in text("tbody") and not found(".generation"))

    go("quarantine?reason=not-an-image")
    wait("all of a reason", lambda _: found("#dismiss-all"))
    click("#dismiss-all")
    click("#confirm button[data-confirm]")
    wait("it is laid aside", lambda _: "laid aside" in text("#toasts"))

    go("events?type=ObjectReleased")
    wait("the event", lambda _: "ObjectReleased" in text("tbody tr"))

    outside = page.execute_script(
        "return performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin) && !n.startsWith('blob:'))")
    check(f"nothing is asked of others, but {outside}", not outside)

    for width, height, scheme, suffix in [(1440, 900, "dark", "dark"), (390, 844, "light", "phone")]:
        look(width, height, scheme)
        for part, shown in [("", ".flow"), ("objects", "tbody tr"), ("datasets", "tbody tr"), ("map", '.map[data-ready="true"]'), ("events", "tbody tr"), ("rederive", ".setting"), ("deliveries", ".note")]:
            go(part)
            wait(f"{part} at {suffix}", lambda _: found(shown))
            fits = page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
            check(f"{part or 'overview'} fits at {suffix}", fits)
            keep(f"{part or 'overview'}-{suffix}")

    said = complaints()
    check(f"a silent console, not {said}", not said)
except Exception:
    keep("failure")
    raise
finally:
    page.quit()
