"""Common given names, by which a name in lower case is told from an adjective. Data only."""

from typing import Final

from spectron_extraction.builtin.wordlists import word_set

GIVEN_NAMES: Final = word_set(
    # English
    "aaron adam adrian alan albert alex alexander alfred alice alison amanda amber amy andrea "
    "andrew andy angela ann anna anne anthony april arnold arthur ashley audrey austin barbara "
    "barry becky ben benjamin bernard beth betty bill billy bob bobby bonnie brad bradley brandon "
    "brenda brian brittany bruce bryan caleb calvin cameron carl carla carol caroline carolyn "
    "catherine cathy chad charles charlie charlotte chelsea cheryl chloe chris christian christina "
    "christine christopher cindy claire clara clark cody colin connor courtney craig crystal "
    "curtis cynthia dale dan dana daniel danielle danny darren dave david dawn dean deborah debbie "
    "debra dennis derek derrick diana diane donald donna doris dorothy doug douglas dustin dylan "
    "ed eddie edith edward eileen elaine eleanor elizabeth ella ellen emily emma eric erica erik "
    "erin ethan eugene eva evan evelyn florence frances francis frank fred gabriel gail gary gavin "
    "george gerald gina glen glenn gloria gordon grace graham greg gregory hannah harold harry "
    "harvey heather helen henry holly howard ian isaac isabel isabella jack jackie jackson jacob "
    "jake james jamie jane janet janice jared jasmine jason jay jean jeff jeffrey jen jennifer "
    "jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joe joel joey john johnny jon "
    "jonathan jordan joseph josh joshua joyce judith judy julia julian julie justin karen kate "
    "katherine kathleen kathryn kathy katie keith kelly ken kenneth kevin kim kimberly kristen "
    "kyle larry laura lauren laurie lawrence leah lee leo leonard leslie lewis liam lillian linda "
    "lindsay lisa logan lori louis louise lucas lucy luke lynn madison marcus margaret maria "
    "marie marilyn mark martha martin marvin mary mason matt matthew max megan melanie melissa "
    "michael michelle mike mitchell molly monica morgan nancy naomi natalie nathan nathaniel neil "
    "nicholas nick nicole noah nora norman oliver olivia oscar owen pamela pat patricia patrick "
    "paul paula pauline peggy penny peter phil philip phillip phyllis rachel ralph ray raymond "
    "rebecca regina renee rhonda richard rick ricky rita rob robert robin rodney roger ron ronald "
    "ronnie rosa rose rosemary roy russell ruth ryan sally sam samantha samuel sandra sandy sara "
    "sarah scott sean seth shane shannon sharon shaun shawn sheila shirley simon sophia sophie "
    "spencer stacey stacy stanley stella stephanie stephen steve steven stuart sue susan suzanne "
    "sylvia tammy tanya tara taylor ted teresa terri terry thelma theresa thomas tiffany tim "
    "timothy tina todd tom tommy toni tony tracy travis trevor troy tyler valerie vanessa vera "
    "vernon veronica vicki victor victoria vincent violet virginia walter wanda warren wayne wendy "
    "wesley william willie zach zachary zoe "
    # Elsewhere
    "ahmed aisha alejandro ali amina amir ana andre andrei anita anja antonio aoife arjun astrid "
    "ayesha bjorn bruno camila carlos carmen chen chiara claudia deepak diego dmitri elena emil "
    "enrique fatima felipe fernando franz gabriela giovanni giulia gustavo hans hassan heidi hiro "
    "hugo ibrahim igor ingrid ivan javier jorge jose juan juanita karim klaus kofi krishna lars "
    "layla leila lena ling luca lucia luis magda manuel marco mario marta mateo mehmet mei miguel "
    "milan mohamed mohammed muhammad nadia natasha nikhil nina noor olga omar pablo paolo pedro "
    "pierre priya rafael rahul raj rajesh ravi ricardo roberto rohan salma samir sanjay sergio "
    "sofia sunil sven tariq thiago tomas vikram vladimir wei yuki yusuf zainab"
)
