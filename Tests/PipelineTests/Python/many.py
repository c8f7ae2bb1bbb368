"""Looks at a store of 10,000 objects in a real Chromium, and prints what took how long: many.py URL PICTURES.

It ends with the first thing that is not as it should be, or with status 0. The limits are wide: the machine does much else.
"""

import shutil
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

url, pictures = sys.argv[1:]
options = webdriver.ChromeOptions()
options.binary_location = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")
for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1440,900"]:
    options.add_argument(argument)
driver = shutil.which("chromedriver") or sys.exit("chromedriver is missing: apt-get install chromium-driver")
page = webdriver.Chrome(options=options, service=Service(driver))


def run(script, *arguments):
    return page.execute_script(f"return {script}", *arguments)


def wait(what, condition):
    return WebDriverWait(page, 120, poll_frequency=0.02).until(lambda _: condition(), f"waited in vain for: {what}")


def timed(what, act, condition, limit):
    start = time.monotonic()
    act()
    wait(what, condition)
    took = time.monotonic() - start
    print(f"{what}: {took * 1000:.0f} ms", end="; ")
    if took > limit:
        sys.exit(f"{what} took {took:.1f} s, more than {limit} s")


def rows():
    return run("document.querySelectorAll('tbody tr').length")


def first():
    return run("document.querySelector('tbody tr td')?.textContent ?? ''")


try:
    timed("first list", lambda: page.get(f"{url}/#/objects"), lambda: rows() == 100, 20)
    run("void new PerformanceObserver((list) => { window.long = (window.long ?? []).concat(list.getEntries().map((e) => e.duration)); }).observe({ type: 'longtask' })")
    seen = {first()}
    for part in range(8):
        before = first()
        timed(f"part {part + 2}", lambda: page.find_elements(By.CSS_SELECTOR, ".pager button")[1].click(),
              lambda: rows() == 100 and first() != before, 5)
        if first() in seen:
            sys.exit(f"part {part + 2} was shown before")
        seen.add(first())
        if run("document.querySelectorAll('*').length") > 3000:
            sys.exit("the page grows from part to part")
    start = run("scrollY")
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.END)
    wait("it scrolls", lambda: run("scrollY") > start or run("scrollY + innerHeight >= document.documentElement.scrollHeight - 2"))
    field = page.find_element(By.NAME, "contains")
    timed("filter", lambda: field.send_keys("DJI_10042"), lambda: rows() == 1 and "DJI_10042" in first(), 10)
    longest = max(run("window.long ?? []") or [0])
    print(f"longest task while paging: {longest:.0f} ms", end="; ")
    if longest > 1000:
        sys.exit(f"the page stood still for {longest:.0f} ms")
    timed("map", lambda: run("void (location.hash = '#/map')"), lambda: run("document.querySelector('.map[data-ready=\"true\"] .area') !== null"), 60)
    page.save_screenshot(f"{pictures}/many-map.png")
    timed("overview", lambda: run("void (location.hash = '#/')"), lambda: run("document.querySelector('.feed li') !== null"), 10)
    page.save_screenshot(f"{pictures}/many.png")
finally:
    page.quit()
